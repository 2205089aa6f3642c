"""A recorded run once more, without a device: shown, recomputed digit by digit, audited, gone on with."""
