"""Stage treat: what is this virus, what does its genome fold into?"""
