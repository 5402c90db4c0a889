"""The people of the exercise: one login for each role, and the emergency they work in.

Only here is a second factor told with the password: whoever tries the exercise has no authenticator to enrol, and
nobody in it is real.
"""
