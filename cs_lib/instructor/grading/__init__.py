"""Grade a class: take in what students handed in, grade each submission once, and write results and reports.

Read on in this order:

    command    cs-lib grade, from beginning to end
    intake     what was handed in: folders, zips, downloads of learning platforms
    naming     what a file's name says, and names that are safe for files
    archives   zip files that nobody vouches for
    roster     who handed in nothing, and what belongs to nobody
    jobs       what passes between those who hand out work and those who do it
    pool       worker processes, none of which can lose a submission
    worker     one of them: a pytest session that grades one submission after another
    unit       one submission graded
    handed_in  the door to its functions, notebook by notebook
    result     what is known of one graded submission
    store      results on the disk, and what is kept of an earlier run
    cluster    the same work on other machines
    reports    tables and pages made of the results
"""
