# A second call needs another name and takes the rest of the account's 15 PutEvents requests per second.
module "website" {
  source = "../../modules/pixel"

  name = "website"

  destination = {
    pinpoint = {
      application_id  = var.application_id
      put_events_rate = 10
    }
  }

  events              = ["page_view", "sign_up"]
  event_attributes    = ["page_*", "campaign_*"]
  event_metrics       = []
  endpoint_id_pattern = "[0-9a-f]{32}"
}

module "newsletter" {
  source = "../../modules/pixel"

  name = "newsletter"

  destination = {
    pinpoint = {
      application_id  = var.application_id
      put_events_rate = 5
    }
  }

  # Some mail clients show no SVG.
  image            = "gif"
  events           = ["newsletter_opened"]
  event_attributes = ["issue"]
  event_metrics    = []
}
