"""Files as they come: packed or not, in any encoding, broken or whole; read in bounded memory."""
