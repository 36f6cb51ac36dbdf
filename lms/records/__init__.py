"""Records of what people completed, whatever it was; certificates are issued on them."""
