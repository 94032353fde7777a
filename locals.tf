locals {
  # null means "not created"; the key is static, so that a plan never depends on values known after apply.
  pixel          = { for key, value in { pixel = var.pixel } : key => value if value != null }
  connect        = { for key, value in { connect = var.destination.connect } : key => value if value != null }
  company_events = { for key, value in { company_events = var.company_events } : key => value if value != null }

  # As the modules that write to it take it.
  sends_by = coalesce(var.destination.sends_by, var.destination.pinpoint == null ? "connect" : "pinpoint")
  destination = {
    pinpoint = var.destination.pinpoint
    connect = one([for key, connect in local.connect : merge(module.connect_destination[key].destination, {
      put_objects_rate     = connect.put_objects_rate
      update_profiles_rate = connect.update_profiles_rate
      campaign_create_rate = connect.campaign_create_rate
    })])
    sends_by = local.sends_by
  }

  # What a pixel call may neither send nor write, so that nobody starts or steers a company event from a browser.
  reserved_by_plans = {
    events          = flatten([for company_events in module.company_events : company_events.reserved_events])
    user_attributes = flatten([for company_events in module.company_events : company_events.reserved_user_attributes])
  }
}
