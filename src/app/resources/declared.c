/* declared.c - resources that no API here makes: the actions that AWS would ask for them, decided all the same. */
#include "app/resources/declared.h"

/* Where an action is not Create, Modify or Delete and the thing; NULL: AWS asks for none. */
static const struct {
    const char *type, *create, *update, *remove;
} actions[] = {
    {"AWS::CDK::Metadata", NULL, NULL, NULL},
    {"AWS::EC2::EIP", "ec2:AllocateAddress", "ec2:AssociateAddress", "ec2:ReleaseAddress"},
    {"AWS::EC2::Route", "ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute"},
    {"AWS::EC2::SecurityGroupEgress", "ec2:AuthorizeSecurityGroupEgress",
     "ec2:ModifySecurityGroupRules", "ec2:RevokeSecurityGroupEgress"},
    {"AWS::EC2::SecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress",
     "ec2:ModifySecurityGroupRules", "ec2:RevokeSecurityGroupIngress"},
    {"AWS::EC2::SubnetRouteTableAssociation", "ec2:AssociateRouteTable", "ec2:AssociateRouteTable",
     "ec2:DisassociateRouteTable"},
    {"AWS::EC2::VPC", "ec2:CreateVpc", "ec2:ModifyVpcAttribute", "ec2:DeleteVpc"},
    {"AWS::EC2::VPCEndpoint", "ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint",
     "ec2:DeleteVpcEndpoints"},
    {"AWS::EC2::VPCGatewayAttachment", "ec2:AttachInternetGateway", "ec2:AttachInternetGateway",
     "ec2:DetachInternetGateway"},
    {"AWS::ECR::Repository", "ecr:CreateRepository", "ecr:TagResource", "ecr:DeleteRepository"},
    {"AWS::KMS::Alias", "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"},
    {"AWS::KMS::Key", "kms:CreateKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"},
};

/* "AWS::MWAA::Environment", "Create": airflow's own name is not known here; mwaa:CreateEnvironment
 */
static Str made_up(Resource *r, const char *verb)
{
    Str rest = r->type, vendor = S(""), service = S("");
    str_cut(&rest, ':', &vendor);
    rest = str_slice(rest, 1, rest.n);
    str_cut(&rest, ':', &service);
    return str_printf(r->a, "%.*s:%s%.*s", STR(str_lower(r->a, service)), verb,
                      STR(str_slice(rest, 1, rest.n)));
}

bool declared_may(Resource *r, ResourceDoing doing, Error *err)
{
    static const char *const verbs[] = {"Create", "Modify", "Delete"};
    Str action = made_up(r, verbs[doing]);
    for (int i = 0; i < countof(actions); i++) {
        if (!str_eq(r->type, str_from(actions[i].type))) continue;
        const char *of[] = {actions[i].create, actions[i].update, actions[i].remove};
        if (!of[doing]) return true;
        action = str_from(of[doing]);
    }
    return resource_may(r, action, S("*"), err);
}
