"""New releases looked up at Album of the Year, slowly and only where that is asked for."""
