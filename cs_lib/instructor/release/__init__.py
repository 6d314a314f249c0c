"""From the course's repository to the kit that students get.

rooms       which files leave home
recording   what the public tests ask of the reference, recorded
leaks       the proof that no answer is in what leaves
kit         a kit, whole, as a folder and a zip
command     `cs-lib release`
"""
