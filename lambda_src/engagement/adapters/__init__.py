"""Every AWS call, with the answers turned into the domain's words."""
