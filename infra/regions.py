"""The Azure regions that a lab may be in.

Owns: the list, as data; a new region is one more line.
Leaves: which service is offered where to Azure, whose answer is clear.
"""

__all__ = ["REGIONS"]

REGIONS = frozenset(
    """
    australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral
    brazilsouth brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral
    chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3 denmarkeast
    eastasia eastus eastus2 eastus3 francecentral francesouth germanynorth germanywestcentral
    indonesiacentral israelcentral italynorth japaneast japanwest jioindiacentral jioindiawest
    koreacentral koreasouth malaysiawest mexicocentral newzealandnorth northcentralus northeurope
    norwayeast norwaywest polandcentral qatarcentral southafricanorth southafricawest
    southcentralus southeastasia southindia spaincentral swedencentral swedensouth
    switzerlandnorth switzerlandwest taiwannorth taiwannorthwest uaecentral uaenorth uksouth ukwest
    usdodcentral usdodeast usgovarizona usgovtexas usgovvirginia
    westcentralus westeurope westindia westus westus2 westus3
    """.split(),  # noqa: SIM905 # seventy names in a column of their own hide the ones that are missing
)
