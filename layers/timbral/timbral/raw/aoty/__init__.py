"""Albums and reviews of Album of the Year: its pages, and the dumps that operators' scrapers make of them."""
