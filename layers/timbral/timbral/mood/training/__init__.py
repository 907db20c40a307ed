"""How a mood model is made; needs the training libraries, which serving never loads."""
