locals {
  # null means "not created"; the key is static, so that a plan never depends on values known after apply.
  pixel          = { for key, value in { pixel = var.pixel } : key => value if value != null }
  company_events = { for key, value in { company_events = var.company_events } : key => value if value != null }

  # What a pixel call may neither send nor write, so that nobody starts or steers a company event from a browser.
  reserved_by_plans = {
    events          = flatten([for company_events in module.company_events : company_events.reserved_events])
    user_attributes = flatten([for company_events in module.company_events : company_events.reserved_user_attributes])
  }
}
