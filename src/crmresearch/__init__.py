"""crmresearch: the open research kit for customer relationships."""
