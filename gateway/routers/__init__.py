"""One module per topic of the REST text. A route authorises, calls, answers: at most 15 lines."""
