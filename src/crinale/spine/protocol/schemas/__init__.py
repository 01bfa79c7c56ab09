"""The grammar of the segnatura and of its messages, as XML schemas in our own words.

They describe the same documents as the schemas of Allegato 6 AgID (Det. 371/2021) and W3C XML Signature;
tests compare both on valid and invalid documents. They are served together with the WSDL and used to validate
at run time.
"""
