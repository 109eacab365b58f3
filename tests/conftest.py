"""For every test: hypothesis gives no example a deadline, since machines that build other things too stall at times."""

from hypothesis import settings

settings.register_profile("dlref", deadline=None)
settings.load_profile("dlref")
