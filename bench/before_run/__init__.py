"""What is known before a load is applied: how long a plan takes, what the bench may not do, what it will be worth."""
