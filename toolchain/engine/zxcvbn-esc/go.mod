module sallyport.invalid/toolchain/zxcvbn-esc

go 1.26
