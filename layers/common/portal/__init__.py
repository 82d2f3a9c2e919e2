"""The member portal's common layer: one package per subject, see README "The house"."""
