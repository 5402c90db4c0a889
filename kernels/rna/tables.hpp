// The energy model and the sequence, turned into what the sweep looks up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "mfe.hpp"
#include "sweep.hpp"

namespace bianque::rna {

// Owns the memory behind `Tables`.
template <class T>
class LookupTables {
  public:
    explicit LookupTables(const Model& model);
    const Tables<T>& tables() const { return tables_; }

  private:
    using Energy = std::function<int32_t(const int* i, const int* j)>;
    const Entry<T>* table(int columns, int rows, const Energy& energy);
    const Entry<T>* four_tables(int columns, const Energy& energy);

    std::vector<std::vector<Entry<T>>> memory_;
    Tables<T> tables_{};
};

// What depends on the sequence and the constraints, by row and by column.
template <class T>
class Keys {
  public:
    Keys(const Problem& problem, int rows);
    const Rows<T>& rows() const { return rows_; }
    const ColumnKeys& column(int j) const { return columns_[j]; }
    const ColumnKeys* columns() const { return columns_.data(); }

  private:
    const T* keep(int before, int size, const std::function<int32_t(int)>& value);

    std::vector<std::vector<T>> memory_;
    Rows<T> rows_{};
    std::vector<ColumnKeys> columns_;
};

}  // namespace bianque::rna
