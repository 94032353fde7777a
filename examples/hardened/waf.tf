resource "aws_wafv2_web_acl" "pixel" {
  # checkov:skip=CKV_AWS_192:No Log4j reads what the API takes; managed rules would also refuse events that only look odd.
  name        = "shop-pixel"
  description = "Stops addresses that call the pixel too often."
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "calls-per-address"
    priority = 0

    action {
      block {}
    }

    statement {
      # Calls of one address in five minutes. An office or a mobile network can be one address.
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
        limit                 = 2000
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "calls-per-address"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "shop-pixel"
    # A sample would show query strings, unredacted.
    sampled_requests_enabled = false
  }
}

# WAF takes log groups of this prefix only.
resource "aws_cloudwatch_log_group" "waf" {
  # checkov:skip=CKV_AWS_338:Addresses are personal data and kept no longer than they are needed.
  name              = "aws-waf-logs-shop-pixel"
  retention_in_days = 30
  kms_key_id        = var.kms_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "pixel" {
  resource_arn            = aws_wafv2_web_acl.pixel.arn
  log_destination_configs = [aws_cloudwatch_log_group.waf.arn]

  # What events say, and tokens.
  redacted_fields {
    query_string {}
  }

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }
}
