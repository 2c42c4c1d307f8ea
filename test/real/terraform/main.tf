# main.tf - a pipeline's resources in Terraform's language: bucket, roles, state machine, and the schedule that starts it.
provider "aws" {
  region                  = "us-east-1"
  skip_get_ec2_platforms  = true
  skip_metadata_api_check = true
}

variable "greeting" {
  default = "hello"
}

variable "rate" {
  default = "cron(0 3 * * ? *)"
}

resource "aws_s3_bucket" "lake" {
  bucket        = "terraform-lake"
  force_destroy = true

  versioning {
    enabled = true
  }

  lifecycle_rule {
    id      = "raw"
    prefix  = "raw/"
    enabled = true

    expiration {
      days = 30
    }
  }

  # S3 encrypts every bucket since 2023; a provider of 2019 would take it away again.
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  tags = {
    layer = "raw"
  }
}

resource "aws_iam_role" "machine" {
  name = "terraform-machine"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "buckets" {
  name = "buckets"
  role = aws_iam_role.machine.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.lake.arn}/*"
    }]
  })
}

resource "aws_sfn_state_machine" "pipeline" {
  name     = "terraform-pipeline"
  role_arn = aws_iam_role.machine.arn

  definition = jsonencode({
    StartAt = "Hello"
    States  = { Hello = { Type = "Pass", Result = var.greeting, End = true } }
  })
}

resource "aws_iam_role" "schedule" {
  name = "terraform-schedule"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "terraform-nightly"
  schedule_expression = var.rate
}

resource "aws_cloudwatch_event_target" "pipeline" {
  rule     = aws_cloudwatch_event_rule.nightly.name
  arn      = aws_sfn_state_machine.pipeline.id
  role_arn = aws_iam_role.schedule.arn
}

output "bucket" {
  value = aws_s3_bucket.lake.bucket
}

output "machine" {
  value = aws_sfn_state_machine.pipeline.id
}
