namespace bianque::rna {
namespace {
constexpr int LANES = 2;
}
}  // namespace bianque::rna
#include "partition_lanes.hpp"

namespace bianque::rna {

const PartitionSweep& portable_partition() { return *partition_sweep(); }

}  // namespace bianque::rna
