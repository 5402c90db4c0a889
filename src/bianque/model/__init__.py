"""The words everybody uses: regions, emergencies, estimates, situations, errors."""
