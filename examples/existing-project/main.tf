module "engagement" {
  source = "../../"

  name = "engagement"

  destination = {
    pinpoint = {
      application_id = var.application_id
      # The account's 15 requests per second, minus 5 for the mobile app.
      put_events_rate = 10
    }
  }

  pixel = {
    # Tags that called pinpoint-gtm-connector only need the new host.
    stage_name = "Api-PinpointEvents"

    events           = ["page_view", "purchase_*", "sign_up"]
    event_attributes = ["page_*", "item_*"]
  }
}
