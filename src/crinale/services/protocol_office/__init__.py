"""The protocol office: the clerk's pages over the register and the exchange (DPR 445/2000 art. 50-70)."""
