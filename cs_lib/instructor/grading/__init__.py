"""Grade a class: take in what students handed in, grade each submission once, and write results and reports.

Read on in this order:

    result   what is known of one graded submission
"""
