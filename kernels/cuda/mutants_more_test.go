package cuda

var familyMutants = []familyMutant{}
