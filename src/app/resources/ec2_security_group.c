/* ec2_security_group.c - security groups of EC2 and their rules as declared records. */
#include "app/resources/declared.h"
#include "app/resources/types.h"

DECLARED(ec2_security_group, "AWS::EC2::SecurityGroup", "sg-0{hex16}",
         "GroupId={id} Id={id} VpcId={VpcId}", "GroupName GroupDescription VpcId",
         "GroupName GroupDescription VpcId SecurityGroupIngress SecurityGroupEgress Tags");
DECLARED(ec2_ingress, "AWS::EC2::SecurityGroupIngress", "sgr-0{hex16}", "Id={id}",
         "CidrIp CidrIpv6 FromPort ToPort GroupId GroupName IpProtocol SourcePrefixListId "
         "SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId",
         "CidrIp CidrIpv6 Description FromPort ToPort GroupId GroupName IpProtocol "
         "SourcePrefixListId SourceSecurityGroupId SourceSecurityGroupName "
         "SourceSecurityGroupOwnerId");
DECLARED(ec2_egress, "AWS::EC2::SecurityGroupEgress", "sgr-0{hex16}", "Id={id}",
         "CidrIp CidrIpv6 FromPort ToPort GroupId IpProtocol DestinationPrefixListId "
         "DestinationSecurityGroupId",
         "CidrIp CidrIpv6 Description FromPort ToPort GroupId IpProtocol "
         "DestinationPrefixListId DestinationSecurityGroupId");
