"""Mails: what they say (messages), the outbox they wait in, and how they are delivered.

Rests on the floors below only: who may reset a password is looked up in ``functions/mailer``.
"""
