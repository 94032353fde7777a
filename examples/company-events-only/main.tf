# An event on the account's own bus, or Monday morning: everything else is in the plans.
module "company_events" {
  source = "../../modules/company-events"

  name = "announcements"

  destination = {
    pinpoint = { application_id = var.application_id }
  }

  bus = {
    existing = { name = "default" }
    sources  = ["shop.backend"]
  }

  plans = {
    outage        = file("${path.module}/../plans/outage.json")
    weekly_digest = file("${path.module}/plans/weekly_digest.json")
  }

  schedules = {
    monday = {
      plan       = "weekly_digest"
      expression = "cron(0 9 ? * MON *)"
      timezone   = "Europe/Berlin"
    }
  }

  allowed_senders = ["news@example.com", "status@example.com", "EXAMPLE"]

  # Nobody hears of an outage whom nobody expected to be reached.
  runs = { maximum_audience = var.maximum_audience }

  function      = var.function
  force_destroy = var.force_destroy
}
