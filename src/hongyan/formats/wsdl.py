"""The description of WebService.asmx from which clients are generated (wire contract, 2.10).

PlanSendTime must be there and may be nil: PHP's SoapClient refuses the call if it is optional or not nillable. A generated
client refuses a name that the enumeration lacks, so every StatusCode is one of RESULT_CODES.
"""

from html import escape

from hongyan.formats.soap import NAMESPACE, OPERATION

RESULT_CODES = (
    "Unknown", "OK", "AppInactive", "ParamError", "UserNameEmpty", "PasswordEmpty", "UserNameError", "PasswordError",
    "BindIpError", "UserStop", "UserIdError", "Text64Error", "StampError", "SendTimeError", "JsonError", "MsisdnEmpty",
    "MsisdnRepeat", "NoChannel", "MsisdnError", "MsisdnBlack", "MsisdnNoChannel", "AmountNotEnough", "NoProduct",
    "ExtNumberError", "BalanceNotEnough", "ChannelTypeError", "TemplateError", "FrequentOperation", "NoEnabled",
    "TemplateIdError", "ContentEmpty", "ContentLong", "MsisdnsMany", "SensitiveWords", "ContentError", "MsisdnLess",
    "RequiredSuffix", "SuffixError", "SubjectEmpty", "SubjectLong", "FramesEmpty", "ElementError", "FrameError",
    "FrameSizeLong", "SmilEmpty", "SmilExcessive", "ElementNameRepeat", "SizeLong", "MmsIdEmpty", "NoMmsTemplate",
    "TaskIdEmpty", "NoRealName", "FaileList", "InternalError",
)  # fmt: skip
"""The enumeration in its order; none may be added."""


def wsdl(address: str) -> bytes:
    """Returns the description. address: where the calls go, as the client reached us"""
    return _HEAD + "".join([_TYPES, _MESSAGES, _BINDINGS, _service(address), "</wsdl:definitions>\n"]).encode()


def _string(name: str) -> str:
    return f'<s:element minOccurs="0" maxOccurs="1" name="{name}" type="s:string"/>'


def _one(name: str, kind: str) -> str:
    return f'<s:element minOccurs="1" maxOccurs="1" name="{name}" type="{kind}"/>'


def _maybe(name: str, kind: str) -> str:
    return f'<s:element minOccurs="0" maxOccurs="1" name="{name}" type="tns:{kind}"/>'


def _type(name: str, *elements: str, base: str = "", flags: str = "") -> str:
    inside = f"<s:sequence>{''.join(elements)}</s:sequence>"
    if base:
        inside = f'<s:complexContent mixed="false"><s:extension base="tns:{base}">{inside}</s:extension></s:complexContent>'
    return f'<s:complexType name="{name}"{flags}>{inside}</s:complexType>\n'


def _root(name: str, *elements: str) -> str:
    return f'<s:element name="{name}"><s:complexType><s:sequence>{"".join(elements)}</s:sequence></s:complexType></s:element>\n'


def _binding(name: str, prefix: str) -> str:
    body = f'<{prefix}:body use="literal"/>'
    return (
        f'<wsdl:binding name="{name}" type="tns:WebServiceSoap"><{prefix}:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
        f'<wsdl:operation name="{OPERATION}"><{prefix}:operation soapAction="{NAMESPACE}{OPERATION}" style="document"/>'
        f"<wsdl:input>{body}</wsdl:input><wsdl:output>{body}</wsdl:output></wsdl:operation></wsdl:binding>\n"
    )


def _service(address: str) -> str:
    ports = "".join(
        f'<wsdl:port name="{name}" binding="tns:{name}"><{prefix}:address location="{escape(address)}"/></wsdl:port>\n'
        for name, prefix in (("WebServiceSoap", "soap"), ("WebServiceSoap12", "soap12"))
    )
    return f'<wsdl:service name="WebService">\n{ports}</wsdl:service>\n'


_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
    ' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"'
    f' xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">\n'
).encode()

_TYPES = "".join(
    [
        f'<wsdl:types>\n<s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">\n',
        _root(OPERATION, _string("userName"), _string("password"), _maybe("sms", "SmsObject")),
        _type(
            "SmsObject", _string("Msisdns"), _string("SMSContent"), _string("ExtNumber"),
            '<s:element minOccurs="1" maxOccurs="1" name="PlanSendTime" nillable="true" type="s:dateTime"/>',
        ),
        _root(f"{OPERATION}Response", _maybe(f"{OPERATION}Result", "SendResult")),
        _type(
            "SendResultBase", _one("PayType", "s:int"), _one("StatusCode", "tns:ResultCode"), _string("Description"),
            _string("MsgId"), _one("SuccessCounts", "s:int"), _one("BillingCount", "s:int"), _one("Amount", "s:long"),
            _one("Balance", "s:decimal"), _one("BillingAmount", "s:decimal"), _maybe("Errors", "ArrayOfString"),
            flags=' abstract="true"',
        ),
        _type("SendResult", _maybe("AlterSendResult", "SendResult"), _string("CustomId"), base="SendResultBase"),
        '<s:simpleType name="ResultCode"><s:restriction base="s:string">',
        *(f'<s:enumeration value="{name}"/>' for name in RESULT_CODES),
        "</s:restriction></s:simpleType>\n",
        _type(
            "ArrayOfString",
            '<s:element minOccurs="0" maxOccurs="unbounded" name="string" nillable="true" type="s:string"/>',
        ),
        "</s:schema>\n</wsdl:types>\n",
    ]
)  # fmt: skip

_MESSAGES = (
    f'<wsdl:message name="{OPERATION}SoapIn"><wsdl:part name="parameters" element="tns:{OPERATION}"/></wsdl:message>\n'
    f'<wsdl:message name="{OPERATION}SoapOut"><wsdl:part name="parameters" element="tns:{OPERATION}Response"/></wsdl:message>\n'
    f'<wsdl:portType name="WebServiceSoap"><wsdl:operation name="{OPERATION}"><wsdl:input message="tns:{OPERATION}SoapIn"/>'
    f'<wsdl:output message="tns:{OPERATION}SoapOut"/></wsdl:operation></wsdl:portType>\n'
)

_BINDINGS = _binding("WebServiceSoap", "soap") + _binding("WebServiceSoap12", "soap12")
