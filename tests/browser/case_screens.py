"""Every screen of the service, as one list: a file for each side of the counter and each room."""

from __future__ import annotations

from tests.browser.case_screens_consumption import CONSUMPTION_SCREENS
from tests.browser.case_screens_customer import CUSTOMER_SCREENS
from tests.browser.case_screens_handbook import HANDBOOK_SCREENS
from tests.browser.case_screens_self_check import SELF_CHECK_SCREENS
from tests.browser.case_screens_service import SERVICE_SCREENS
from tests.browser.case_screens_staff import STAFF_ROOMS_SCREENS

SCREENS = [
    *CUSTOMER_SCREENS,
    *SELF_CHECK_SCREENS,
    *CONSUMPTION_SCREENS,
    *STAFF_ROOMS_SCREENS,
    *HANDBOOK_SCREENS,
    *SERVICE_SCREENS,
]
