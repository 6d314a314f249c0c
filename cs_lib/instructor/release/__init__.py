"""From the course's repository to the kit that students get.

rooms         which files leave home
recording     what the public tests ask of the reference, recorded
secret_lines  what must never leave home
leaks         the proof that none of it is in a kit
placing       a finished kit put in its place, as a folder and a zip
kit           a kit, whole
command       `cs-lib release`
"""
