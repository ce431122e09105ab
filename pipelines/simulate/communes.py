"""The province's communes of 2020-2021, by district and kind.

Names are real, spelt as resolution 1660/NQ-UBTVQH15 does; their order, wards and towns first and then that of the
statistics office's codes, makes the illustrative agency codes (``places.py``).
"""

from __future__ import annotations

COMMUNES = {
    "thành phố Buôn Ma Thuột": {
        "phường": "Tân Lập, Tân Hòa, Tân An, Thống Nhất, Thành Nhất, Thắng Lợi, Tân Lợi, Thành Công, Tân Thành, "
        "Tân Tiến, Tự An, Ea Tam, Khánh Xuân",
        "xã": "Hòa Thuận, Cư Êbur, Ea Tu, Hòa Thắng, Ea Kao, Hòa Phú, Hòa Khánh, Hòa Xuân",
    },
    "thị xã Buôn Hồ": {
        "phường": "An Lạc, An Bình, Thiện An, Đạt Hiếu, Đoàn Kết, Thống Nhất, Bình Tân",
        "xã": "Ea Blang, Ea Drông, Ea Siên, Bình Thuận, Cư Bao",
    },
    "huyện Ea H'leo": {
        "thị trấn": "Ea Drăng",
        "xã": "Ea H'Leo, Ea Sol, Ea Ral, Ea Wy, Cư A Mung, Cư Mốt, Ea Hiao, Ea Khăl, Dliê Yang, Ea Tir, Ea Nam",
    },
    "huyện Ea Súp": {
        "thị trấn": "Ea Súp",
        "xã": "Ia Lốp, Ia Jlơi, Ea Rốk, Ya Tờ Mốt, Ia Rvê, Ea Lê, Cư Kbang, Ea Bung, Cư M'Lan",
    },
    "huyện Buôn Đôn": {
        "xã": "Krông Na, Ea Huar, Ea Wer, Tân Hòa, Cuôr Knia, Ea Bar, Ea Nuôl",
    },
    "huyện Cư M'gar": {
        "thị trấn": "Ea Pốk, Quảng Phú",
        "xã": "Quảng Tiến, Ea Kuêh, Ea Kiết, Ea Tar, Cư Dliê Mnông, Ea H'đing, Ea Tul, Ea Kpam, Ea M'Droh, "
        "Quảng Hiệp, Cư M'gar, Ea Drơng, Ea M'nang, Cư Suê, Cuôr Đăng",
    },
    "huyện Krông Búk": {
        "thị trấn": "Pơng Drang",
        "xã": "Cư Né, Chứ Kbô, Cư Pơng, Ea Sin, Tân Lập, Ea Ngai",
    },
    "huyện Krông Năng": {
        "thị trấn": "Krông Năng",
        "xã": "Dliê Ya, Ea Tóh, Ea Tam, Phú Lộc, Tam Giang, Ea Púk, Ea Dăh, Ea Hồ, Phú Xuân, Cư Klông, Ea Tân",
    },
    "huyện Ea Kar": {
        "thị trấn": "Ea Kar, Ea Knốp",
        "xã": "Ea Sô, Ea Sar, Xuân Phú, Cư Huê, Ea Tih, Ea Đar, Ea Kmút, Cư Ni, Ea Păl, Cư Prông, Ea Ô, Cư Elang, "
        "Cư Bông, Cư Yang",
    },
    "huyện M'Đrắk": {
        "thị trấn": "M'Drắk",
        "xã": "Cư Prao, Ea Pil, Ea Lai, Ea H'Mlay, Krông Jing, Ea M'Doal, Ea Riêng, Cư M'ta, Cư Króa, Krông Á, "
        "Cư San, Ea Trang",
    },
    "huyện Krông Bông": {
        "thị trấn": "Krông Kmar",
        "xã": "Dang Kang, Cư Kty, Hòa Thành, Hòa Tân, Hòa Phong, Hòa Lễ, Yang Reh, Ea Trul, Khuê Ngọc Điền, "
        "Cư Pui, Hòa Sơn, Cư Drăm, Yang Mao",
    },
    "huyện Krông Pắc": {
        "thị trấn": "Phước An",
        "xã": "Krông Búk, Ea Kly, Ea Kênh, Ea Phê, Ea Knuếc, Ea Yông, Hòa An, Ea Kuăng, Hòa Đông, Ea Hiu, "
        "Hòa Tiến, Tân Tiến, Vụ Bổn, Ea Uy, Ea Yiêng",
    },
    "huyện Krông Ana": {
        "thị trấn": "Buôn Trấp",
        "xã": "Dray Sáp, Ea Na, Ea Bông, Băng A Drênh, Dur Kmăl, Bình Hòa, Quảng Điền",
    },
    "huyện Lắk": {
        "thị trấn": "Liên Sơn",
        "xã": "Yang Tao, Bông Krang, Đắk Liêng, Buôn Triết, Buôn Tría, Đắk Phơi, Đắk Nuê, Krông Nô, Nam Ka, Ea Rbin",
    },
    "huyện Cư Kuin": {
        "xã": "Ea Ning, Cư Êwi, Ea Ktur, Ea Tiêu, Ea Bhốk, Ea Hu, Dray Bhăng, Hòa Hiệp",
    },
}
