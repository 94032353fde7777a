module "engagement" {
  source = "../../"

  name             = "shop"
  kms_key_arn      = var.kms_key_arn
  alarm_topic_arns = [var.alarm_topic_arn]
  xray_tracing     = true

  destination = { pinpoint = { application_id = var.application_id } }

  pixel = {
    domain = {
      name            = var.domain_name
      certificate_arn = var.certificate_arn
      hosted_zone     = { id = var.hosted_zone_id }
      exclusive       = true
    }
    web_acl     = { arn = aws_wafv2_web_acl.pixel.arn }
    access_logs = { enabled = true }
    cors        = { origins = ["https://www.example.com"] }

    # A page sends a few events at a time; the servers of the customer database send full arrays.
    throttle = {
      rate_per_second = 200
      burst           = 400
      post            = { rate_per_second = 50, burst = 100 }
      trusted         = { rate_per_second = 20, burst = 20 }
    }
    trusted = { iam = { principals = [var.customer_database_account] } }

    events              = ["page_view", "purchase_*", "sign_up"]
    event_attributes    = ["page_*", "item_*"]
    event_metrics       = ["value"]
    endpoint_id_pattern = "[0-9a-f]{32}"

    user_attributes        = { authenticated = ["first_name", "plan", "last_order_*"] }
    global_privacy_control = "drop"
    token = {
      keys_arn        = var.token_keys_arn
      kms_key_arn     = var.kms_key_arn
      max_age_seconds = 3600
      required        = true
    }
  }
}
