/** What is asked where a number is held by a registration lock. */
export const PIN_QUESTION = "This number is held by a registration lock. Its PIN: ";
