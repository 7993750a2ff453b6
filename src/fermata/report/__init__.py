"""What a person sees of a run: tables, the histogram of gaps, markdown. Nothing is printed here."""
