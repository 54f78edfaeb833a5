"""How long things take, as ratios within one run: machines differ, ratios less so."""
