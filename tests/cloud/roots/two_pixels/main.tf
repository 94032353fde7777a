# Two pixels in one account, as modules/pixel is used by a platform team: other names, other settings.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_pinpoint_app" "this" {
  name = "shared"
}

module "first" {
  source = "../../../../modules/pixel"

  name        = "first"
  destination = { pinpoint = { application_id = aws_pinpoint_app.this.application_id, put_events_rate = 7 } }
  stage_name  = "Api-PinpointEvents"
  image       = "gif"
  access_logs = { enabled = true, create_account_role = true }
  consumer    = { batching_window_seconds = 1 }
  function    = { architecture = "x86_64" }
}

module "second" {
  source = "../../../../modules/pixel"

  name        = "second"
  destination = { pinpoint = { application_id = aws_pinpoint_app.this.application_id, put_events_rate = 7 } }
  consumer    = { batching_window_seconds = 1 }
  function    = { architecture = "x86_64" }
}

output "pixels" {
  description = "Both pixels."
  value       = { first = module.first, second = module.second }
}

output "application_id" {
  description = "The project that both write to."
  value       = aws_pinpoint_app.this.application_id
}
