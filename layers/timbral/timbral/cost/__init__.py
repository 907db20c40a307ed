"""What a month of a deployment costs, from the template's own settings and a list of prices."""
