//! Readable documents that are not bank statements. Most of them come from banks.

use super::Case;
use super::layout::{Cell, DEFAULT_DESIGN, Design, Line};
use super::statement::statement;

const DOCUMENTS: &[Design] = &[CARD, UPI_APP, LOAN, FORM_16, INVOICE, BROCHURE];

/// Returns one case for each document.
pub fn cases() -> Vec<Case> {
    DOCUMENTS
        .iter()
        .map(|design| {
            statement(design)
                .case()
                .with_code("STATEMENT_UNSUPPORTED_FORMAT")
        })
        .collect()
}

const CARD: Design = Design {
    path: "not_statements/credit_card.pdf",
    note: "credit-card statement: no account, no running balance",
    ifsc_prefix: "ICIC",
    holder: "MS PRIYANKA SOLANKAR",
    prints_period: false,
    header: &[
        Line::Title("CREDIT CARD STATEMENT"),
        Line::Row(&[(0, "{holder}"), (280, "Card Number : 4375 XXXX XXXX 9018")]),
        Line::Row(&[
            (0, "4 NEHRU ENCLAVE, BHOPAL 462003"),
            (280, "Statement Date : {next dd/mm/yyyy}"),
        ]),
        Line::Gap,
        Line::Row(&[
            (0, "Payment Due Date"),
            (130, "Total Amount Due"),
            (270, "Minimum Amount Due"),
        ]),
        Line::Row(&[
            (0, "20/07/2024"),
            (130, "Rs 38,412.00"),
            (270, "Rs 1,930.00"),
        ]),
        Line::Row(&[
            (0, "Credit Limit"),
            (130, "Available Credit"),
            (270, "Available Cash Limit"),
        ]),
        Line::Row(&[
            (0, "Rs 2,00,000.00"),
            (130, "Rs 1,61,588.00"),
            (270, "Rs 40,000.00"),
        ]),
        Line::Gap,
    ],
    columns: &[
        ("Date", 60, Cell::Date),
        ("Transaction Details", 300, Cell::Narration),
        ("Reward Points", 60, Cell::Fixed("12")),
        ("Amount (in Rs)", 70, Cell::Amount),
        ("", 24, Cell::Side),
    ],
    closing: &[
        Line::Gap,
        Line::Left(
            "ICICI Bank Credit Cards. Pay at least the minimum amount due to avoid late fees.",
        ),
    ],
    rows: 22,
    seed: 501,
    ..DEFAULT_DESIGN
};

const UPI_APP: Design = Design {
    path: "not_statements/upi_app.pdf",
    note: "list of payments from a UPI app, kept by telephone number",
    ifsc_prefix: "NONE",
    prints_period: false,
    header: &[
        Line::Title("Transaction Statement for +91 90000 00417"),
        Line::Left("Sent and received through the app, all linked accounts"),
        Line::Gap,
    ],
    columns: &[
        ("Date", 70, Cell::Date),
        ("Transaction Details", 310, Cell::Narration),
        ("Type", 50, Cell::Side),
        ("Amount", 80, Cell::Amount),
    ],
    date_pattern: "Mon dd, yyyy",
    closing: &[Line::Left(
        "This is an automatically generated statement. Contact support in the app.",
    )],
    rows: 24,
    seed: 502,
    ..DEFAULT_DESIGN
};

const LOAN: Design = Design {
    path: "not_statements/loan_schedule.pdf",
    note: "repayment schedule of a loan: instalments and an outstanding principal",
    ifsc_prefix: "HDFC",
    prints_period: false,
    header: &[
        Line::Title("REPAYMENT SCHEDULE"),
        Line::Row(&[
            (0, "Loan Agreement No : LN0047193826"),
            (280, "Loan Type : TWO WHEELER"),
        ]),
        Line::Row(&[
            (0, "Borrower : MR DILIP NARVEKAR"),
            (280, "Tenure : 24 months"),
        ]),
        Line::Row(&[
            (0, "Loan Amount : 84,000.00"),
            (280, "Rate of Interest : 11.25 % p.a."),
        ]),
        Line::Gap,
    ],
    columns: &[
        ("Instl. No", 60, Cell::Serial),
        ("Due Date", 90, Cell::Date),
        ("Instalment", 90, Cell::Fixed("3,927.00")),
        ("Principal", 100, Cell::Amount),
        ("Outstanding Principal", 120, Cell::Balance),
    ],
    period: ("2024-01-05", "2025-12-05"),
    closing: &[
        Line::Gap,
        Line::Left(
            "HDFC Bank Limited, Retail Loan Service Centre. EMI dates may change on holidays.",
        ),
    ],
    rows: 24,
    seed: 503,
    ..DEFAULT_DESIGN
};

const FORM_16: Design = Design {
    path: "not_statements/form_16.pdf",
    note: "certificate of tax deducted from salary",
    prints_period: false,
    header: &[
        Line::Title("FORM NO. 16"),
        Line::Centre("[See rule 31(1)(a)]"),
        Line::Centre(
            "Certificate under section 203 of the Income-tax Act, 1961 for tax deducted at \
             source on salary",
        ),
        Line::Gap,
        Line::Row(&[
            (0, "Name and address of the Employer"),
            (280, "Name and address of the Employee"),
        ]),
        Line::Row(&[(0, "ORBITA TEXTILES PVT LTD"), (280, "LATIKA MHASKARE")]),
        Line::Row(&[
            (0, "PLOT 14 MIDC, ICHALKARANJI"),
            (280, "9 SHAHU NAGAR, KOLHAPUR"),
        ]),
        Line::Row(&[
            (0, "PAN of the Deductor AAAAA0000A"),
            (280, "PAN of the Employee AAAPA0000A"),
        ]),
        Line::Row(&[
            (0, "TAN of the Deductor AAAA00000A"),
            (280, "Assessment Year 2024-25"),
        ]),
        Line::Rule,
        Line::Row(&[
            (0, "Quarter"),
            (140, "Amount paid/credited"),
            (320, "Amount of tax deducted"),
        ]),
        Line::Row(&[(0, "Q1"), (140, "1,62,000.00"), (320, "4,860.00")]),
        Line::Row(&[(0, "Q2"), (140, "1,62,000.00"), (320, "4,860.00")]),
        Line::Row(&[(0, "Q3"), (140, "1,71,500.00"), (320, "5,145.00")]),
        Line::Row(&[(0, "Q4"), (140, "1,71,500.00"), (320, "5,145.00")]),
        Line::Row(&[(0, "Total"), (140, "6,67,000.00"), (320, "20,010.00")]),
        Line::Rule,
        Line::Left("Tax deposited through challan with STATE BANK OF INDIA, BSR code 0000000."),
        Line::Left("I hereby certify that the sum above has been deducted and deposited."),
    ],
    ..DEFAULT_DESIGN
};

const INVOICE: Design = Design {
    path: "not_statements/tax_invoice.pdf",
    note: "tax invoice with the seller's bank details and IFSC",
    prints_period: false,
    header: &[
        Line::Title("TAX INVOICE"),
        Line::Row(&[
            (0, "KAVERI LOGISTICS LLP"),
            (280, "Invoice No : KL/24-25/0417"),
        ]),
        Line::Row(&[
            (0, "GSTIN : 29AAAAA0000A1Z5"),
            (280, "Invoice Date : 17/05/2024"),
        ]),
        Line::Row(&[
            (0, "Bill to : MAHIMA ELECTRICALS, HASSAN"),
            (280, "Place of Supply : Karnataka"),
        ]),
        Line::Gap,
        Line::Row(&[
            (0, "Sl"),
            (30, "Description"),
            (200, "HSN"),
            (250, "Qty"),
            (300, "Rate"),
            (400, "Amount"),
        ]),
        Line::Rule,
        Line::Row(&[
            (0, "1"),
            (30, "Carriage, 9 cartons"),
            (200, "9965"),
            (250, "9"),
            (300, "410.00"),
            (400, "3,690.00"),
        ]),
        Line::Row(&[
            (0, "2"),
            (30, "Handling"),
            (200, "9967"),
            (250, "1"),
            (300, "350.00"),
            (400, "350.00"),
        ]),
        Line::Row(&[(300, "CGST 9%"), (400, "363.60")]),
        Line::Row(&[(300, "SGST 9%"), (400, "363.60")]),
        Line::Row(&[(300, "Total"), (400, "4,767.20")]),
        Line::Rule,
        Line::Left("Bank details : ICICI Bank, A/c No 000005017394, IFSC ICIC0000917"),
        Line::Left("Goods once sold are not taken back. Subject to Hassan jurisdiction."),
    ],
    ..DEFAULT_DESIGN
};

const BROCHURE: Design = Design {
    path: "not_statements/brochure.pdf",
    note: "a bank's own brochure: the right name and domain on the wrong document",
    prints_period: false,
    header: &[
        Line::Title("Open a Savings Account today"),
        Line::Centre("Axis Bank"),
        Line::Gap,
        Line::Left("Why save with us?"),
        Line::Left("- Interest from 3.00 % a year, credited every quarter"),
        Line::Left("- Cash withdrawal and deposit at machines all over the country"),
        Line::Left("- Statements by e-mail on the first day of each month"),
        Line::Gap,
        Line::Left("What you need: proof of identity, proof of address, two photographs."),
        Line::Left("Average monthly balance Rs 10,000. Charges apply below that."),
        Line::Left("Visit www.axisbank.com or any branch. Terms and conditions apply."),
        Line::Left("Axis Bank Limited, Registered Office: Trishul, Ellisbridge, Ahmedabad 380006"),
    ],
    ..DEFAULT_DESIGN
};
