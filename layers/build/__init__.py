"""How the layers and functions are built: called by ``sam build`` through the makefiles."""
