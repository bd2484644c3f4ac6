"""Every item type of the protocol, on the real runtime, with every class of model that can produce it."""
