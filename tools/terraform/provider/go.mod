module provider

go 1.16

require (
	github.com/hashicorp/terraform v0.12.29
	github.com/terraform-providers/terraform-provider-aws v1.60.0
)

replace github.com/terraform-providers/terraform-provider-aws => github.com/hashicorp/terraform-provider-aws v1.60.0

// The SDK that this version of the provider was written for; Terraform's own libraries ask for a later one.
replace github.com/aws/aws-sdk-go => github.com/aws/aws-sdk-go v1.17.0
