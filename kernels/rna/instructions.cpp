#include <cstdlib>
#include <stdexcept>
#include <string>

#include "mfe.hpp"
#include "sweep.hpp"

namespace bianque::rna {

bool supported(Instructions instructions) {
#if defined(__x86_64__)
    if (instructions == Instructions::avx2) return __builtin_cpu_supports("avx2");
    if (instructions == Instructions::avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    return instructions == Instructions::portable;
}

Instructions chosen_instructions() {
    const char* forced = std::getenv("BIANQUE_INSTRUCTIONS");
    if (!forced || !*forced) {
        if (supported(Instructions::avx512)) return Instructions::avx512;
        return supported(Instructions::avx2) ? Instructions::avx2 : Instructions::portable;
    }
    const std::string name = forced;
    for (const auto& [known, instructions] : {std::pair<std::string, Instructions>{"portable", Instructions::portable},
                                              {"avx2", Instructions::avx2},
                                              {"avx512", Instructions::avx512}})
        if (name == known) {
            if (!supported(instructions)) throw std::invalid_argument("this processor has no " + name);
            return instructions;
        }
    throw std::invalid_argument("BIANQUE_INSTRUCTIONS is '" + name + "'; known are portable, avx2 and avx512");
}

const Sweeps& sweeps(Instructions instructions) {
#if defined(__x86_64__) || defined(_M_X64)
    if (instructions == Instructions::avx512) return avx512_sweeps();
    if (instructions == Instructions::avx2) return avx2_sweeps();
#endif
    return portable_sweeps();
}

}  // namespace bianque::rna
