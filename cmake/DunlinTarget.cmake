# dunlin_rust_target(OUT): the Rust target that fits the C compiler and its flags.
#
# It asks the compiler for its predefined macros, so every way to give flags (toolchain file,
# CMAKE_C_FLAGS, ARGN of the call) counts. DUNLIN_RUST_TARGET overrides the answer.

function(dunlin_rust_target out)
    if(DUNLIN_RUST_TARGET)
        set(${out} "${DUNLIN_RUST_TARGET}" PARENT_SCOPE)
        return()
    endif()
    separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_C_COMPILER_ARG1}")
    if(CMAKE_C_COMPILER_TARGET)
        list(APPEND flags "--target=${CMAKE_C_COMPILER_TARGET}")
    endif()
    file(WRITE "${CMAKE_BINARY_DIR}/CMakeFiles/dunlin-empty.c" "")
    execute_process(
        COMMAND ${CMAKE_C_COMPILER} ${flags} ${ARGN} -dM -E "${CMAKE_BINARY_DIR}/CMakeFiles/dunlin-empty.c"
        OUTPUT_VARIABLE macros ERROR_VARIABLE error RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "Dunlin: cannot ask ${CMAKE_C_COMPILER} for its target: ${error}\n"
            "Set DUNLIN_RUST_TARGET to the Rust target triple (rustc --print target-list).")
    endif()
    dunlin_rust_target_of("${macros}" triple)
    if(NOT triple)
        message(FATAL_ERROR
            "Dunlin: no Rust target is known for this CPU (CMAKE_C_FLAGS: \"${CMAKE_C_FLAGS}\").\n"
            "If the flags lack the CPU, set it, for example -mcpu=cortex-m4 -mfloat-abi=hard.\n"
            "Otherwise set DUNLIN_RUST_TARGET to the Rust target triple (rustc --print target-list).")
    endif()
    set(${out} "${triple}" PARENT_SCOPE)
endfunction()

# dunlin_rust_target_of(MACROS OUT): the same from the text of `cc -dM -E`; empty if unknown.
function(dunlin_rust_target_of macros out)
    set(triple "")
    if(macros MATCHES "#define __arm__ 1" AND macros MATCHES "#define __ARM_ARCH_PROFILE (77|'M')")
        # Soft and softfp share the ABI of eabi; only hard is eabihf.
        set(abi eabi)
        if(macros MATCHES "#define __ARM_PCS_VFP 1")
            set(abi eabihf)
        endif()
        if(macros MATCHES "#define __ARM_ARCH_6M__ 1")
            set(triple thumbv6m-none-eabi)
        elseif(macros MATCHES "#define __ARM_ARCH_7M__ 1")
            set(triple thumbv7m-none-eabi)
        elseif(macros MATCHES "#define __ARM_ARCH_7EM__ 1")
            set(triple thumbv7em-none-${abi})
        elseif(macros MATCHES "#define __ARM_ARCH_8M_BASE__ 1")
            set(triple thumbv8m.base-none-eabi)
        elseif(macros MATCHES "#define __ARM_ARCH_(8M_MAIN|8_1M_MAIN)__ 1")
            # Rust has no 8.1-M target of its own: Cortex-M55 and M85 run 8-M mainline code.
            set(triple thumbv8m.main-none-${abi})
        endif()
    elseif(macros MATCHES "#define __riscv_xlen 32")
        # Only the integer ABI; without compressed code the triples below would not fit.
        if(macros MATCHES "#define __riscv_float_abi_soft 1" AND macros MATCHES "#define __riscv_compressed 1"
                AND macros MATCHES "#define __riscv_mul 1" AND NOT macros MATCHES "#define __riscv_32e 1")
            if(macros MATCHES "#define __riscv_atomic 1")
                set(triple riscv32imac-unknown-none-elf)
            else()
                set(triple riscv32imc-unknown-none-elf)
            endif()
        endif()
    elseif(macros MATCHES "#define __linux__ 1")
        set(arch "")
        if(macros MATCHES "#define __x86_64__ 1" AND NOT macros MATCHES "#define __ILP32__ 1")
            set(arch x86_64)
        elseif(macros MATCHES "#define __aarch64__ 1" AND macros MATCHES "#define __AARCH64EL__ 1"
                AND NOT macros MATCHES "#define __ILP32__ 1")
            set(arch aarch64)
        elseif(macros MATCHES "#define __i686__ 1")
            set(arch i686)
        endif()
        if(arch)
            set(triple ${arch}-unknown-linux-gnu)
        endif()
    endif()
    set(${out} "${triple}" PARENT_SCOPE)
endfunction()
