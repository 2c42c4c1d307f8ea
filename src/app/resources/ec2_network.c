/* ec2_network.c - networks of EC2 as declared records: VPCs, subnets, routes, gateways, endpoints. */
#include "app/resources/declared.h"
#include "app/resources/types.h"

DECLARED(ec2_vpc, "AWS::EC2::VPC", "vpc-0{hex16}",
         "VpcId={id} CidrBlock={CidrBlock} DefaultSecurityGroup=sg-0{hex16} "
         "DefaultNetworkAcl=acl-0{hex16} Ipv6CidrBlocks=[] CidrBlockAssociations=[]",
         "CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength",
         "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Ipv4IpamPoolId "
         "Ipv4NetmaskLength Tags");
DECLARED(ec2_subnet, "AWS::EC2::Subnet", "subnet-0{hex16}",
         "SubnetId={id} VpcId={VpcId} CidrBlock={CidrBlock} AvailabilityZone={region}a "
         "AvailabilityZone={AvailabilityZone} NetworkAclAssociationId=aclassoc-0{hex16} "
         "Ipv6CidrBlocks=[]",
         "VpcId CidrBlock AvailabilityZone AvailabilityZoneId",
         "VpcId CidrBlock AvailabilityZone AvailabilityZoneId AssignIpv6AddressOnCreation "
         "Ipv6CidrBlock Ipv6CidrBlocks Ipv6Native EnableDns64 MapPublicIpOnLaunch "
         "PrivateDnsNameOptionsOnLaunch Ipv4IpamPoolId Ipv4NetmaskLength OutpostArn Tags");
DECLARED(ec2_route_table, "AWS::EC2::RouteTable", "rtb-0{hex16}", "RouteTableId={id} VpcId={VpcId}",
         "VpcId", "VpcId Tags");
DECLARED(ec2_route, "AWS::EC2::Route", "{RouteTableId}|{DestinationCidrBlock}",
         "CidrBlock={DestinationCidrBlock}",
         "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId",
         "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId "
         "GatewayId NatGatewayId InstanceId NetworkInterfaceId TransitGatewayId VpcEndpointId "
         "VpcPeeringConnectionId EgressOnlyInternetGatewayId CarrierGatewayId LocalGatewayId "
         "CoreNetworkArn");
DECLARED(ec2_subnet_route, "AWS::EC2::SubnetRouteTableAssociation", "rtbassoc-0{hex16}", "Id={id}",
         "SubnetId RouteTableId", "SubnetId RouteTableId");
DECLARED(ec2_internet_gateway, "AWS::EC2::InternetGateway", "igw-0{hex16}",
         "InternetGatewayId={id}", "", "Tags");
DECLARED(ec2_gateway_attachment, "AWS::EC2::VPCGatewayAttachment", "IGW|{VpcId}",
         "AttachmentType=IGW", "VpcId", "VpcId InternetGatewayId VpnGatewayId");
DECLARED(ec2_nat_gateway, "AWS::EC2::NatGateway", "nat-0{hex16}",
         "NatGatewayId={id} EniId=eni-0{hex16}",
         "SubnetId AllocationId ConnectivityType PrivateIpAddress",
         "SubnetId AllocationId ConnectivityType PrivateIpAddress MaxDrainDurationSeconds "
         "SecondaryAllocationIds SecondaryPrivateIpAddressCount SecondaryPrivateIpAddresses VpcId "
         "AvailabilityMode AvailabilityZoneAddresses Tags");
DECLARED(ec2_eip, "AWS::EC2::EIP", "203.0.113.10", "AllocationId=eipalloc-0{hex16} PublicIp={id}",
         "Domain NetworkBorderGroup TransferAddress Address IpamPoolId",
         "Domain InstanceId NetworkBorderGroup PublicIpv4Pool TransferAddress Address IpamPoolId "
         "Tags");
DECLARED(ec2_endpoint, "AWS::EC2::VPCEndpoint", "vpce-0{hex16}",
         "Id={id} CreationTimestamp={now} DnsEntries=[] NetworkInterfaceIds=[]",
         "VpcId ServiceName VpcEndpointType",
         "VpcId ServiceName VpcEndpointType PolicyDocument PrivateDnsEnabled RouteTableIds "
         "SecurityGroupIds SubnetIds IpAddressType DnsOptions ResourceConfigurationArn "
         "ServiceNetworkArn ServiceRegion Tags");
